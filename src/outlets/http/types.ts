/** What the page, the metrics and the API need from the application, and what they give back. */
import type { Delivery } from '../../model/delivery.ts'
import type { Diagnosis } from '../../model/diagnosis.ts'
import type { Incident } from '../../model/incident.ts'
import type { PingAnswer, PingRequest } from '../../model/ping.ts'
import type { Problem, Result } from '../../model/problem.ts'
import type { Operation, Run } from '../../model/run.ts'
import type { Secret } from '../../model/secret.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import type { RepositoryStanding, Standing } from '../../model/standing.ts'

export interface HttpSettings {
  /** `127.0.0.1:9121`; port 0 takes a free one. */
  readonly listen: string
  /** Further `Host` names that are answered, beside the address listened on and the loopback names. */
  readonly hosts: readonly string[]
  /** Basic authentication. No user and no token: no login (allowed on loopback only). */
  readonly users: ReadonlyMap<string, Secret>
  readonly tokens: readonly Secret[]
  /** Of those who may post alerts, and nothing else. */
  readonly inboxTokens?: readonly Secret[]
  /** Most series of backup sets per repository. */
  readonly maxSeries: number
  /** The program whose metrics are served at `/metrics` instead of ours. */
  readonly replaces?: string
  /** Nothing but metrics and health, to whoever asks by whatever name: no page, no API, no login needed. */
  readonly metricsOnly?: boolean
  /** Nothing but alerts and health, from whoever asks by whatever name. */
  readonly alertsOnly?: boolean
  /** The metrics of this system (`borg-exporter`) as the answer to whatever is asked, by whomever and whatever name. */
  readonly only?: string
  /** Only tests set these: a slow client is closed sooner. */
  readonly limits?: Partial<HttpLimits>
}

/** How long a client may take, in milliseconds. */
export interface HttpLimits {
  readonly headersMs: number
  readonly requestMs: number
  readonly keepAliveMs: number
  /** How often connections are looked at; what is over a limit is closed that much later at most. */
  readonly checkMs: number
}

export interface RunQuery {
  readonly job?: string
  readonly repository?: string
  readonly operation?: Operation
  readonly most: number
}

/** What became of a body with alerts: kept, wrong as it is, or to be sent again. */
export type TakenAlerts =
  | { readonly state: 'kept'; readonly alerts: number }
  | { readonly state: 'bad'; readonly problem: Problem }
  | { readonly state: 'later'; readonly problem: Problem; readonly afterSeconds: number }

export interface HttpSource {
  /** For pages and API: all there is, in the words of now. */
  standing(): Promise<Standing>
  /** For metrics: what did not change is the same object as before; no strips, no lanes. */
  figures(): Promise<Standing>
  /** Newest first. */
  runs(query: RunQuery): Promise<readonly Run[]>
  /** Newest last, as the ledger knows them. */
  snapshots(repository: string): Promise<readonly Snapshot[]>
  /** What was told to whom; newest first. */
  deliveries(most: number): Promise<readonly Delivery[]>
  /** Newest first. */
  diagnoses(most: number): Promise<readonly Diagnosis[]>
  /** Open ones, and those that closed in the last week. */
  incidents(): Promise<readonly Incident[]>
  isReady(): boolean
  reload(): Promise<Result<void>>
  readNow(): void
  /** What another program tells of a backup that it runs. Absent: nobody tells anything here. */
  ping?(request: PingRequest): Promise<PingAnswer>
  /** Whether a job has this key; of any other nothing is read. */
  knowsPing?(key: string): boolean
  /** Keeps a body with alerts before it answers. Absent: none are taken here. */
  readonly takeAlerts?: ((body: Uint8Array) => Promise<TakenAlerts>) | undefined
  /** When the newest collection of all repositories ended. */
  collectedAt?(): Promise<Date | undefined>
  /** Whether compatible metrics may be told already, given the above. */
  hasCollected?(collectedAt: Date | undefined): boolean
  /** The address of a repository for compatible labels; default: credentials masked. */
  urlOf?(repository: RepositoryStanding): string
}

export interface HttpServer {
  /** `http://127.0.0.1:9121/`. */
  readonly url: string
  /** Puts other names and logins in force at once. Refuses, and changes nothing, where anybody could then come in. */
  reconfigure(settings: Pick<HttpSettings, 'hosts' | 'users' | 'tokens' | 'inboxTokens'>): Result<void>
  close(): Promise<void>
}
