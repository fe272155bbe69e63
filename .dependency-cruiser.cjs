/** Dependencies flow one way (ARCHITECTURE.md). Every rule carries its reason; a file that no layer claims is an error. */
const coreSiblings = ['video', 'models', 'tracking', 'store', 'export', 'evaluation', 'reports', 'review'];
const uncovered = {
  path: '^(src-main|src-shared|src-renderer)/',
  pathNot: [
    '^src-shared/(contract|datasets|domain|errors|rpc|mask|time|geometry)/',
    '^src-main/core/(base|video|models|tracking|store|export|evaluation|reports|review|studio)/',
    '^src-main/(workers|hosts/(cli|server|electron))/',
    '^src-main/engine\\.ts$',
    '^src-renderer/(boot|host|client|state|viewport|timeline|features|commands|ui)/',
  ],
};
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'A cycle means two modules are one; type-only cycles count.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'shared-is-leaf',
      severity: 'error',
      comment: 'src-shared runs in Node and in the page: it may import nothing but zod.',
      from: { path: '^src-shared' },
      to: { pathNot: '^src-shared|node_modules/zod' },
    },
    {
      name: 'page-knows-no-node',
      severity: 'error',
      comment: 'The page is a plain web page over the contract.',
      from: { path: '^src-renderer' },
      to: { path: '^src-main' },
    },
    {
      name: 'drawing-knows-no-react',
      severity: 'error',
      comment:
        'Viewport and timeline are classes that draw from data: they run and are tested without panels or a store.',
      from: { path: '^src-renderer/(viewport|timeline)/' },
      to: { path: '^src-renderer/(boot|features|commands|ui|client)/|node_modules/react' },
    },
    {
      name: 'state-knows-no-panels',
      severity: 'error',
      comment: 'Data flows one way: panels read the store and call controllers.',
      from: { path: '^src-renderer/(state|client|host)/' },
      to: { path: '^src-renderer/(boot|features|commands)/' },
    },
    {
      name: 'ui-knows-no-studio',
      severity: 'error',
      comment: 'Controls know their properties and the language, nothing of what they are used for.',
      from: { path: '^src-renderer/ui/' },
      to: { path: '^src-renderer/(?!ui/)' },
    },
    {
      name: 'engine-knows-no-page',
      severity: 'error',
      comment: 'The engine serves any page.',
      from: { path: '^src-main' },
      to: { path: '^src-renderer' },
    },
    {
      name: 'core-knows-no-host',
      severity: 'error',
      comment: 'Hosts compose the engine; nothing below them may know them.',
      from: { path: '^src-main/(core|workers|engine)' },
      to: { path: '^src-main/hosts' },
    },
    {
      name: 'core-knows-no-threads',
      severity: 'error',
      comment: 'Thread entries and composition stand above core.',
      from: { path: '^src-main/core' },
      to: { path: '^src-main/(workers|engine)' },
    },
    {
      name: 'base-is-bottom',
      severity: 'error',
      comment: 'core/base has no domain words.',
      from: { path: '^src-main/core/base' },
      to: { path: '^src-main/core/(?!base)' },
    },
    ...coreSiblings.map((name) => ({
      name: `core-${name}-imports-no-sibling`,
      severity: 'error',
      comment: 'Siblings under core meet through ports owned by their user.',
      from: { path: `^src-main/core/${name}/` },
      to: { path: `^src-main/core/(?!base/|${name}/)` },
    })),
    ...coreSiblings.map((name) => ({
      name: `core-${name}-one-door`,
      severity: 'error',
      comment: 'A core folder is entered through its index.ts only.',
      from: { path: '^src-main', pathNot: `^src-main/core/${name}/` },
      to: { path: `^src-main/core/${name}/(?!index\\.ts$)` },
    })),
    {
      name: 'core-studio-doors',
      severity: 'error',
      comment: 'A thread loads only its own part of the studio (77 to 323 modules of 475), so each part has a door.',
      from: { path: '^src-main', pathNot: '^src-main/core/studio/' },
      to: { path: '^src-main/core/studio/(?!(session/|threads/|reports/)?index\\.ts$)' },
    },
    {
      name: 'threads-load-their-part',
      severity: 'error',
      comment: 'The whole studio belongs to the engine.',
      from: { path: '^src-main/workers/' },
      to: { path: '^src-main/core/studio/index\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'electron-only-in-its-host',
      severity: 'error',
      comment: 'One engine for window, browser and shell.',
      from: { pathNot: '^src-main/hosts/electron' },
      to: { path: 'node_modules/electron/' },
    },
    // A file is found by what it imports, by who imports it, or by standing alone.
    ...[
      { from: uncovered, to: {} },
      { from: {}, to: uncovered },
      { from: { ...uncovered, orphan: true }, to: {} },
    ].map((match) => ({
      name: 'uncovered-file',
      severity: 'error',
      comment: 'A source file outside the layers escapes every rule.',
      ...match,
    })),
    {
      name: 'not-resolvable',
      severity: 'error',
      comment: 'An import that does not resolve hides from every rule.',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(electron|ffmpeg-static)' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.json'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
