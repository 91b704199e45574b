/** What a reading says about files that are there and cannot be read. */
import type { Problem } from '../model/problem.ts'
import type { Damage } from '../sources/readers/restic/index.ts'

const mostNamed = 8

/** Everything else was read; still the repository is not well, and no verdict may call it so. */
export function damageProblem(repository: string, damaged: readonly Damage[]): Problem | undefined {
  const snapshots = damaged.filter(({ type }) => type === 'snapshots')
  const locks = damaged.filter(({ type }) => type === 'locks')
  if (snapshots.length > 0) return snapshotProblem(repository, snapshots)
  return locks.length > 0 ? lockProblem(repository, locks) : undefined
}

const snapshotProblem = (repository: string, damaged: readonly Damage[]): Problem => ({
  code: 'reader.damaged',
  message: `${damaged.length} snapshot file${damaged.length === 1 ? '' : 's'} of the repository ${repository} cannot be read: ${named(damaged)}.`,
  next: 'Change nothing in it; run `muster check`, and follow "Troubleshooting" in the manual of restic. All other snapshots were read.',
  retry: 'never',
  context: {
    repository,
    ids: damaged
      .slice(0, mostNamed)
      .map(({ id }) => id)
      .join(' '),
  },
})

const lockProblem = (repository: string, damaged: readonly Damage[]): Problem => ({
  code: 'restic.invalid-lock',
  message: `The repository ${repository} has a lock file that cannot be read: ${named(damaged)}.`,
  next: 'Make sure that nothing uses the repository, from no host; then run `restic unlock --remove-all`.',
  retry: 'next-run',
  context: {
    repository,
    ids: damaged
      .slice(0, mostNamed)
      .map(({ id }) => id)
      .join(' '),
  },
})

function named(damaged: readonly Damage[]): string {
  const list = damaged.slice(0, mostNamed).map(({ id, why }) => `${id.slice(0, 8)} (${why})`)
  return list.join(', ') + (damaged.length > mostNamed ? ' …' : '')
}
