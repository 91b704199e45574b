/** An answer as tables for a person. */
import type { Answer, Target } from './bench.ts'
import type { Side } from './pairs.ts'
import type { Spread } from './statistics.ts'

export function show({ tables, facts, targets, remarks }: Answer, machine: string): string {
  return [
    machine,
    ...tables.map(({ title, sides }) => `${title}\n${grid([head, ...sides.map(rowOf)])}`),
    ...(Object.keys(facts).length === 0
      ? []
      : [grid(Object.entries(facts).map(([name, value]) => [name, String(value)]))]),
    grid(targets.map(targetRow)),
    ...remarks,
  ].join('\n\n')
}

const head = ['', 'wall ms', 'CPU ms', 'wall ratio', 'CPU ratio', 'peak MiB']

const rowOf = ({ title, wall, cpu, wallRatio, cpuRatio, peakBytes }: Side): string[] => [
  title,
  range(wall, (seconds) => (seconds * 1000).toFixed(0)),
  range(cpu, (seconds) => (seconds * 1000).toFixed(0)),
  wallRatio === undefined ? '1' : range(wallRatio, (ratio) => ratio.toFixed(2)),
  cpuRatio === undefined ? '1' : range(cpuRatio, (ratio) => ratio.toFixed(2)),
  peakBytes === undefined ? '?' : (peakBytes / 2 ** 20).toFixed(0),
]

const range = ({ median, min, max }: Spread, text: (value: number) => string): string =>
  `${text(median)} (${text(min)}-${text(max)})`

const targetRow = ({ what, limit, least, measured, unit }: Target): string[] => [
  (least === true ? measured >= limit : measured <= limit) ? 'met' : 'MISSED',
  what,
  `${measured.toFixed(2)} ${unit}`,
  `at ${least === true ? 'least' : 'most'} ${limit.toFixed(2)} ${unit}`,
]

function grid(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n')
}
