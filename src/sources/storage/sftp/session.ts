/** One running ssh, spoken with over its pipes: questions are numbered, and answered in any order. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { childEnvironment } from '../../../system/environment.ts'
import { killGroup } from '../../../system/pids.ts'
import { faultOfEnd } from '../../ssh-end.ts'
import { silenceLimitMs } from '../ask.ts'
import { type Fault, type Fetched, fault, fetched, type StorageAccess, type StorageIo } from '../storage.ts'
import type { SftpAddress } from './address.ts'
import { type Ask, answers, openSplitter, type Packet, writeAsk, writeInit } from './packets.ts'

type Failure = { readonly ok: false; readonly fault: Fault }
type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** What ssh says at its end is what counts. */
const stderrBytes = 8 * 1024
/** To end by itself once its input is closed, and then when it is asked to. */
const graceMs = 1_000

export class Session {
  readonly #child: Child
  readonly #pid: number
  readonly #limitMs: number
  readonly #waiting = new Map<number, (answer: Fetched<Packet>) => void>()
  readonly #exit: Promise<number | null>
  #nextId = 1
  #hasEnded = false
  #said = ''
  #silence: NodeJS.Timeout | undefined
  #failure: Failure | undefined

  /** Starts the program and greets the server. */
  static async open(
    { command: [program, ...words] }: SftpAddress,
    environment: StorageAccess['environment'],
    io: StorageIo,
  ): Promise<Fetched<Session>> {
    if (io.signal.aborted) return fault('unreachable', 'ended')
    const child = spawn(program, words, {
      // Its own group and no terminal: one signal reaches its helpers, and it can ask nobody for a password.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: childEnvironment(ownVariables(environment)),
    })
    const { pid } = child
    if (pid === undefined) {
      const [error] = await once(child, 'error')
      return fault('unsupported', `${program} cannot be started: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`)
    }
    const session = new Session(child, pid, io)
    const greeting = await session.#greet()
    if (greeting.ok) return fetched(session)
    await session.close()
    return greeting
  }

  private constructor(child: Child, pid: number, { signal, silenceLimitMs: limitMs = silenceLimitMs }: StorageIo) {
    this.#child = child
    this.#pid = pid
    this.#limitMs = limitMs
    const onAbort = (): void => this.#giveUp(fault('unreachable', 'ended'))
    signal.addEventListener('abort', onAbort, { once: true })
    child.once('exit', () => {
      this.#hasEnded = true
      // Helpers, such as a ProxyCommand, may outlive it, and hold its output open.
      killGroup(pid, 'SIGKILL')
    })
    this.#exit = new Promise((resolve) => {
      child.once('close', (code: number | null) => {
        signal.removeEventListener('abort', onAbort)
        this.#fail(faultOfEnd(this.#said, code))
        resolve(code)
      })
    })
    // A program that ends without reading its input breaks the pipe; its end tells more.
    for (const stream of [child, child.stdin, child.stdout, child.stderr]) stream.on('error', () => {})
    const split = openSplitter()
    child.stdout.on('data', (chunk: Buffer) => {
      const packets = split(chunk)
      if (packets === undefined) return this.#giveUp(fault('unsupported', 'the answer is no SFTP'))
      for (const packet of packets) this.#settle(packet.type === answers.version ? 0 : packet.id, fetched(packet))
      this.#watch()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-stderrBytes)
      this.#watch()
    })
  }

  /** Whether it can be asked. */
  get isOpen(): boolean {
    return this.#failure === undefined
  }

  ask(ask: Ask): Promise<Fetched<Packet>> {
    const id = this.#nextId
    this.#nextId = (id + 1) % 0x1_0000_0000 || 1
    return this.#send(id, writeAsk(id, ask))
  }

  /** Ends the program: it does so by itself when its input is closed, else it is made to. */
  async close(): Promise<void> {
    this.#fail(fault('unreachable', 'closed'))
    this.#child.stdin.end()
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const ended = await Promise.race([this.#exit.then(() => true), pause(graceMs, false, { ref: false })])
      if (ended || this.#hasEnded) break
      killGroup(this.#pid, signal)
    }
  }

  async #greet(): Promise<Fetched<Packet>> {
    const greeting = await this.#send(0, writeInit())
    return greeting.ok && greeting.value.type !== answers.version
      ? fault('unsupported', 'the answer is no SFTP')
      : greeting
  }

  #send(id: number, packet: Buffer): Promise<Fetched<Packet>> {
    if (this.#failure !== undefined) return Promise.resolve(this.#failure)
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      if (this.#waiting.size === 1) this.#watch()
      this.#child.stdin.write(packet)
    })
  }

  #settle(id: number, answer: Fetched<Packet>): void {
    const resolve = this.#waiting.get(id)
    this.#waiting.delete(id)
    resolve?.(answer)
  }

  /** A server that sends nothing while something is asked is taken for gone. */
  #watch(): void {
    clearTimeout(this.#silence)
    if (this.#waiting.size === 0 || this.#failure !== undefined) return
    const silent = (): void => this.#giveUp(fault('unreachable', `silent for ${this.#limitMs / 1000} s`))
    this.#silence = setTimeout(silent, this.#limitMs)
  }

  /** Nothing good is to be expected of it any more. */
  #giveUp(failure: Failure): void {
    this.#fail(failure)
    if (!this.#hasEnded) killGroup(this.#pid, 'SIGKILL')
  }

  /** The first cause counts; whoever waits gets it, and whoever asks from now on. */
  #fail(failure: Failure): void {
    if (this.#failure !== undefined) return
    this.#failure = failure
    clearTimeout(this.#silence)
    for (const id of [...this.#waiting.keys()]) this.#settle(id, failure)
  }
}

/** Those of the repository that ssh needs; none of its secrets. */
function ownVariables(environment: StorageAccess['environment']): Record<string, string> {
  const own = ['HOME', 'PATH', 'SSH_AUTH_SOCK'].flatMap((name) => {
    const value = environment[name]?.reveal()
    return value === undefined ? [] : [[name, value]]
  })
  return Object.fromEntries(own)
}
