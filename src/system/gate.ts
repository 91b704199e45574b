/** Lets at most so many things happen at once; the others wait in the order they came. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>

export function openGate(most: number): Gate {
  const waiting: (() => void)[] = []
  let inside = 0
  return async (work) => {
    if (inside < most) inside += 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      // The place is handed on, so nobody slips in between.
      if (next === undefined) inside -= 1
      else next()
    }
  }
}
