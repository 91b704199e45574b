/** Whether the file that was opened is still the one of its name: what is written into another is lost. */
import { type Stats, statSync } from 'node:fs'
import type { Problem } from '../../model/problem.ts'

/** Told at the edge like any other trouble with the disk. */
class LedgerGone extends Error {
  override readonly name = 'LedgerGone'
}

export interface Whereabouts {
  /** @throws Where the file is not there any more. */
  mustBeThere(): void
  gone(): Problem | undefined
}

/** @param file Just opened. */
export function whereabouts(file: string): Whereabouts {
  const mine = statSync(file)
  const gone = (): Problem | undefined => (isSame(file, mine) ? undefined : ledgerGone(file))
  return {
    gone,
    mustBeThere: () => {
      const problem = gone()
      if (problem !== undefined) throw new LedgerGone(`${problem.message} ${problem.next}`)
    },
  }
}

function isSame(file: string, mine: Stats): boolean {
  try {
    const now = statSync(file, { throwIfNoEntry: false })
    return now !== undefined && now.ino === mine.ino && now.dev === mine.dev
  } catch {
    // What cannot be known, as without the right to look, is no reason to stop.
    return true
  }
}

const ledgerGone = (file: string): Problem => ({
  code: 'ledger.gone',
  message: `${file} was renamed, removed or replaced while Muster had it open; nothing is written into the old one any more.`,
  next: 'Put the file back, or restart Muster: it goes on with the file of that name, or begins a new one.',
  retry: 'next-run',
})
