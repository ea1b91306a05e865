/** Rows by their section, sections and rows in the order in which they come. */
export function bySection<Row extends { readonly section: string }>(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const sections = new Map<string, Row[]>();
  for (const row of rows) {
    const known = sections.get(row.section);
    if (known) known.push(row);
    else sections.set(row.section, [row]);
  }
  return sections;
}
