/** Both sides of a comparison, run in turns, so that whatever else the machine does hits them alike. */
import { type Command, type Cost, measure, peakMemory } from './launch.ts'
import { type Spread, spread } from './statistics.ts'

export interface Side {
  readonly title: string
  readonly wall: Spread
  readonly cpu: Spread
  /** Against the first side, round by round; absent for the first side itself. */
  readonly wallRatio?: Spread
  readonly cpuRatio?: Spread
  /** Bytes: peak memory of the largest process of the tree, of one run more. */
  readonly peakBytes?: number
}

/** Runs A B C A B C …; one round before them warms up and is not counted. */
export async function inTurns(commands: readonly Command[], runs: number, scratch: string): Promise<readonly Side[]> {
  const costs: Cost[][] = commands.map(() => [])
  for (let round = 0; round <= runs; round += 1) {
    process.stderr.write(`\r${round === 0 ? 'warming up' : `round ${round} of ${runs}`}   `)
    for (const [index, command] of commands.entries()) {
      const cost = await measure(command, scratch)
      if (round > 0) costs[index]?.push(cost)
    }
  }
  const peaks: (number | undefined)[] = []
  for (const command of commands) peaks.push(await peakMemory(command, scratch))
  process.stderr.write('\r\x1b[K')
  return commands.map(({ title }, index) =>
    sideOf(title, costs[index] ?? [], index === 0 ? undefined : costs[0], peaks[index]),
  )
}

function sideOf(
  title: string,
  own: readonly Cost[],
  peer: readonly Cost[] | undefined,
  peakBytes: number | undefined,
): Side {
  const ratio = (of: keyof Cost): Spread =>
    spread(own.map((cost, round) => cost[of] / (peer?.[round]?.[of] ?? Number.NaN)))
  return {
    title,
    wall: spread(own.map(({ wall }) => wall)),
    cpu: spread(own.map(({ cpu }) => cpu)),
    ...(peer !== undefined && { wallRatio: ratio('wall'), cpuRatio: ratio('cpu') }),
    ...(peakBytes !== undefined && { peakBytes }),
  }
}
