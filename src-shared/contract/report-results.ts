/** A value in a table; numbers are shown with the column's digits, null as a dash. */
export type ReportCell = string | number | boolean | null;

export interface ReportColumn {
  readonly name: string;
  /** Digits after the point of numbers; default 0 for whole numbers, 3 for others. */
  readonly digits?: number;
}

export interface ReportTable {
  readonly kind: 'table';
  readonly title: string;
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly (readonly ReportCell[])[];
}

/** Points of one line or heights of one group of bars, in the plot's units. */
export interface ReportSeries {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

export interface ReportPlot {
  readonly kind: 'line' | 'bars';
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Fixed range of the y axis; null: what the points span. */
  readonly yRange: readonly [number, number] | null;
  /** Names of the places on the x axis for bars; null: numbers. */
  readonly xNames: readonly string[] | null;
  readonly series: readonly ReportSeries[];
}

export interface ReportText {
  readonly kind: 'text';
  readonly text: string;
}

/** One measurement, complete: what was measured on what, the tables and plots, the verdict, and every number as data. */
export interface Report {
  readonly format: 1;
  readonly kind:
    | 'eval'
    | 'clicks'
    | 'parity'
    | 'bench'
    | 'bench-comparison'
    | 'embed'
    | 'same-object'
    | 'find'
    | 'coco'
    | 'verify';
  readonly title: string;
  /** What was measured, on what: name and value. */
  readonly facts: readonly (readonly [string, string])[];
  /** The few numbers that people compare, as they are read: name and value; also among the tables. Absent: none stands out. */
  readonly headline?: readonly (readonly [string, string])[];
  /** Null where nothing was promised. */
  readonly verdict: 'PASS' | 'FAIL' | null;
  readonly sections: readonly (ReportTable | ReportPlot | ReportText)[];
  /** Plain sentences: what was left out and why. */
  readonly notes: readonly string[];
  /** Every number, unrounded, by name; the JSON report's body. */
  readonly data: unknown;
}

export type ReportEvent =
  | { readonly kind: 'progress'; readonly label: string; readonly done: number; readonly total: number | null }
  | {
      readonly kind: 'report';
      readonly report: Report;
      /** The report as plain text for a terminal. */
      readonly text: string;
      /** Files that were written. */
      readonly files: readonly string[];
    };

/** One installed model pack. */
export interface PackListing {
  readonly id: string;
  readonly folder: string;
  readonly kind: 'segmenter' | 'backbone' | 'broken';
  readonly facts: readonly string[];
  /** Side of the picture that the model sees; 0: not known. */
  readonly imageSize: number;
  readonly tracks: boolean;
  /** What can be asked of it by name: nothing, its own words, any phrase. */
  readonly finds: 'nothing' | 'words' | 'phrases';
  /** Some of its words, for suggestions; empty unless it has words of its own. */
  readonly words: readonly string[];
  /** Why it cannot be used; null when it can be read. */
  readonly problem: string | null;
}
