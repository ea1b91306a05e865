const parts = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `width` columns, filled as far as `done` of `total` (an eighth of a column counts); more than all is full. */
export function progressBar(done: number, total: number, width: number): string {
  const fraction = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const eighths = Math.floor(fraction * width * 8);
  const filled = '█'.repeat(Math.floor(eighths / 8)) + parts[eighths % 8]!;
  return filled + '░'.repeat(Math.max(0, width - filled.length));
}
