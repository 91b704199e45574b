/** What a tool adds to the configuration. */

/** A setting that does not fit; `path` from the repository or job on. */
export interface SettingFault {
  readonly path: readonly string[]
  readonly message: string
  readonly next: string
}

/** As much of a job as tells which snapshots are its own. */
export interface Aim {
  readonly host: string
  readonly tags: readonly string[]
  /** Whole paths. */
  readonly sources: readonly string[]
  /** The job as it stands in the file, unchecked. */
  readonly raw: Readonly<Record<string, unknown>>
}

export interface ToolSettings {
  readonly repositoryShape: object
  readonly jobShape: object
  /** Whether its repositories cannot be opened without a password; `raw` as it stands in the file, unchecked. */
  needsPassword(raw: Readonly<Record<string, unknown>>): boolean
  /** Common settings that this tool cannot honour. */
  repositoryFaults?(raw: Readonly<Record<string, unknown>>): readonly SettingFault[]
  /** `repository` is the one of the job, as it stands in the file. */
  jobFaults?(
    raw: Readonly<Record<string, unknown>>,
    repository: Readonly<Record<string, unknown>>,
  ): readonly SettingFault[]
  /** What to do about a secret in an address. */
  readonly secretInUrl: string
  /** Why only one job may write into a repository, and what to do with another one. */
  readonly oneJob?: { readonly why: string; readonly next: string }
  /** Whether the policy of one job would thin the snapshots of another one in the same repository; why, and what to do then. */
  readonly overlap?: {
    thins(own: Aim, other: Aim): boolean
    why(others: number): string
    next(job: string): string
  }
}
