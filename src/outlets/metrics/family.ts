/** Metric families as data: what they are called, what they mean, and their samples now. */

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Kind {
  /** Without `_total`; the writer adds it to counters. */
  readonly name: string
  readonly help: string
  /** `untyped` is written without HELP and TYPE. */
  readonly type: 'gauge' | 'counter' | 'untyped'
}

export interface Family extends Kind {
  readonly samples: readonly Sample[]
}

/** A gauge whose samples are left out where the value is unknown: unknown is absent, never 0. */
export function gauge(
  name: string,
  help: string,
  samples: readonly (readonly [Readonly<Record<string, string>>, number | undefined])[],
): Family {
  return { name, help, type: 'gauge', samples: known(samples) }
}

export function counter(
  name: string,
  help: string,
  samples: readonly (readonly [Readonly<Record<string, string>>, number | undefined])[],
): Family {
  return { name, help, type: 'counter', samples: known(samples) }
}

const known = (samples: readonly (readonly [Readonly<Record<string, string>>, number | undefined])[]): Sample[] =>
  samples.flatMap(([labels, value]) => (value === undefined ? [] : [{ labels, value }]))

/** Milliseconds or a date as seconds. */
export const seconds = (at: Date | number | undefined): number | undefined =>
  at === undefined ? undefined : (typeof at === 'number' ? at : at.getTime()) / 1000
