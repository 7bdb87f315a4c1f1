/** One row of the table. */
export interface Finding {
  /** As the other texts, of one line or several. */
  readonly what: string;
  readonly measured: string;
  /** None for what is only there to compare with. */
  readonly promise?: { readonly text: string; readonly kept: boolean };
}

export function allKept(findings: readonly Finding[]): boolean {
  return findings.every(({ promise }) => promise?.kept !== false);
}

export function tableOf(findings: readonly Finding[]): string {
  const rows = findings.flatMap(({ what, measured, promise }) =>
    linesOf([what, measured, promise?.text ?? '', verdictOn(promise)]),
  );
  const title = ['what', 'measured', 'promised', ''];
  const widths = title.map((_, column) => Math.max(...[title, ...rows].map((row) => row[column]!.length)));
  const rule = widths.map((width) => '─'.repeat(width));
  return [title, rule, ...rows]
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

/** A row whose cells may have several lines, as rows of one line. */
function linesOf(row: readonly string[]): string[][] {
  const cells = row.map((cell) => cell.split('\n'));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) => cells.map((lines) => lines[at] ?? ''));
}

function verdictOn(promise: Finding['promise']): string {
  if (promise === undefined) return '';
  return promise.kept ? 'kept' : 'BROKEN';
}
