/** Tells electron-builder that our native packages are staged already: it neither collects nor rebuilds any. */
exports.beforeBuild = async () => false;
