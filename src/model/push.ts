/** Metrics that are handed on without being asked for: what is to be where, and whether it is. */
import type { Problem } from './problem.ts'

export const pushTargets = ['pushgateway', 'textfile', 'otlp'] as const
export type PushTarget = (typeof pushTargets)[number]

export const pushMethods = ['put', 'post', 'delete'] as const
export type PushMethod = (typeof pushMethods)[number]

/** `pending`: it is to be sent. `kept`: the other side has it. `refused`: it will not take this one. */
export type PushState = 'pending' | 'kept' | 'refused'

/** What is wanted in one place. */
export interface WantedPush {
  /** Within the place: the path of a group, the name of a file; empty where there is only one. */
  readonly key: string
  /** The job it tells of; absent where it tells of several. */
  readonly job?: string
  readonly method: 'put' | 'post'
  readonly body: string
  /** When the newest run ended that it tells of: it is sent after each run, also when it says the same. */
  readonly ranAt?: Date
}

/** One group, file or receiver: a row of the ledger. Only the newest body is kept. */
export interface Push extends Omit<WantedPush, 'method' | 'ranAt'> {
  readonly target: PushTarget
  /** Address without a login, or folder. */
  readonly place: string
  /** `delete`: its job is gone, and so is to be what was told of it. */
  readonly method: PushMethod
  readonly madeAt: Date
  readonly state: PushState
  readonly attempts: number
  readonly nextAt: Date
  /** When this body, or an earlier one, was taken last. */
  readonly keptAt?: Date
  /** The same, by the clock of the other side where it told. */
  readonly keptThere?: Date
  /** What the other side answered last, redacted and cut. */
  readonly answer?: string
  /** Why the last attempt failed. */
  readonly problem?: Problem
}

/** Attempts ever: bodies that were taken, and such that were refused for good. */
export interface PushTotal {
  readonly target: PushTarget
  readonly state: 'kept' | 'refused'
  readonly pushes: number
}

/** What became of one attempt. */
export interface PushAttempt {
  readonly state: PushState
  readonly at: Date
  /** When it is tried again, where it was not taken. */
  readonly nextAt?: Date
  readonly keptThere?: Date
  readonly answer?: string
  readonly problem?: Problem
}
