/** What was found in Redis, as text, before anybody made sense of it. */

export type Fields = Readonly<Record<string, string>>

export const shapes = ['own', 'module', 'node'] as const
export type Shape = (typeof shapes)[number]

/** How one module ended, as one of the three shapes has it. */
export interface FoundStatus {
  readonly shape: Shape
  readonly plan: string
  readonly module: string
  /** Of the shape `node`. */
  readonly node?: string
  /** Fields of a hash; of the shape `node` one text of JSON. undefined: it is there, and could not be read. */
  readonly content?: Fields | string
}

export interface FoundPlan {
  readonly id: string
  readonly fields?: Fields
  /** As ns8-backup-monitor had it: how the plan as a whole ended. */
  readonly status?: Fields
  /** Modules whose own set names the plan; up to 3.19. */
  readonly members: readonly string[]
}

export interface Found {
  readonly plans: readonly FoundPlan[]
  readonly statuses: readonly FoundStatus[]
  /** Module to node; of a module that is not in it, the cluster knows none. undefined: there is no such map. */
  readonly nodes?: ReadonlyMap<string, string>
  /** Module to the name people gave it. */
  readonly titles: ReadonlyMap<string, string>
  /** Destination to its fields, without any secret. */
  readonly destinations: ReadonlyMap<string, Fields>
  /** Not everything could be asked: what is missing is unknown. */
  readonly isCut: boolean
}
