import type { Standing } from '../../model/standing.ts'
import { sayBytes, sayDuration } from '../../model/units.ts'
import { oneLine } from '../../system/text.ts'
import { shownName } from './status.ts'
import { paint, table } from './style.ts'

/** What the readings found: a line a backup set, and why what could not be read could not. */
export function renderReadings(standing: Standing, names: readonly string[]): string {
  const wanted = standing.repositories.filter(({ name }) => names.includes(name))
  const rows = wanted.flatMap((repository) => {
    const reading = repository.lastReading
    const state =
      reading === undefined
        ? 'not read'
        : reading.problem === undefined
          ? paint('green', 'read')
          : paint('red', 'failed')
    const took =
      reading === undefined ? '' : `${((reading.endedAt.getTime() - reading.startedAt.getTime()) / 1000).toFixed(1)} s`
    const head = [oneLine(repository.name), state, took]
    const locks = repository.locks === undefined ? '-' : String(repository.locks.locks.length)
    const size = repository.size === undefined ? '-' : sayBytes(repository.size.sizeBytes)
    if (repository.sets.length === 0) return [[...head, '-', '0', '-', locks, size]]
    return repository.sets.map(({ set }, at) => [
      ...(at === 0 ? head : ['', '', '']),
      oneLine(shownName(set)),
      String(set.snapshots),
      `${sayDuration(standing.now.getTime() - set.newestAt.getTime())} ago`,
      ...(at === 0 ? [locks, size] : ['', '']),
    ])
  })
  const problems = wanted.flatMap(({ name, lastReading }) =>
    lastReading?.problem === undefined
      ? []
      : [
          `${paint('red', oneLine(name))}: ${oneLine(lastReading.problem.message)}\n    → ${oneLine(lastReading.problem.next)}`,
        ],
  )
  return [
    table(['repository', 'reading', 'took', 'backup set', 'snapshots', 'newest', 'locks', 'size'], rows, [4, 6]),
    ...problems,
  ].join('\n')
}
