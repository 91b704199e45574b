import { describe, expect, it } from 'vitest'
import type { ToldStep } from '../../ledger/ledger.ts'
import type { PingEvent } from '../../model/ping.ts'
import type { Run } from '../../model/run.ts'
import { type PingFacts, planPing } from './plan.ts'

const at = (minutes: number): Date => new Date(1_800_000_000_000 + minutes * 60_000)
const owner = { host: 'h', pid: 1, started: '', boot: '' }
const run = (id: string, minutes: number, more: Partial<Run> = {}): Run => ({
  id,
  roundId: id,
  job: 'laptop',
  repository: '',
  operation: 'backup',
  trigger: 'ping',
  startedAt: at(minutes),
  ...more,
})
const ofRid = (id: string, minutes: number, rid: string): Run => run(id, minutes, { roundId: rid })
const facts = (open: readonly Run[], now = 60, ended: readonly Run[] = []): PingFacts => ({
  job: 'laptop',
  open,
  ended,
  heardAt: new Map(),
  stallLimitMs: 120 * 60_000,
  now: at(now),
  newId: 'new',
  owner,
})
const start: PingEvent = { kind: 'start', text: '' }
const good: PingEvent = { kind: 'end', isGood: true, text: '' }
const bad: PingEvent = { kind: 'end', isGood: false, exitCode: 3, text: 'first\nno space' }

/** `begin new`, `close a failed ping.failed`, `log a text`. */
const said = (steps: readonly ToldStep[]): string[] =>
  steps.map((step) =>
    'begin' in step
      ? `begin ${step.begin.id}${step.begin.roundId === step.begin.id ? '' : ` of ${step.begin.roundId}`}`
      : 'close' in step
        ? `close ${step.close} ${step.end.outcome} ${step.end.problem?.code ?? '-'}`
        : `log ${step.log} ${step.text}`,
  )

describe('planPing', () => {
  const rows: { name: string; event: PingEvent; facts: PingFacts; want: string[] }[] = [
    { name: 'a start opens a run', event: start, facts: facts([]), want: ['begin new'] },
    {
      name: 'what a start says is kept',
      event: { ...start, text: 'hello' },
      facts: facts([]),
      want: ['begin new', 'log new hello'],
    },
    { name: 'a success ends what is open', event: good, facts: facts([run('a', 0)]), want: ['close a ok -'] },
    {
      name: 'a success without a start is a run of no length',
      event: good,
      facts: facts([]),
      want: ['begin new', 'close new ok -'],
    },
    { name: 'a failure ends it', event: bad, facts: facts([run('a', 0)]), want: ['close a failed ping.failed'] },
    {
      name: 'a second start says that the first never ended',
      event: start,
      facts: facts([run('a', 0)]),
      want: ['close a failed ping.never-ended', 'begin new'],
    },
    { name: 'a start told twice is one', event: start, facts: facts([run('a', 59.8)]), want: [] },
    {
      name: 'a start with another id is another run',
      event: { ...start, runId: 'r2' },
      facts: facts([ofRid('a', 50, 'r1'), run('b', 55)]),
      want: ['begin new of r2'],
    },
    {
      name: 'a start with an id told twice is one, however late',
      event: { ...start, runId: 'r1' },
      facts: facts([ofRid('a', 0, 'r1')]),
      want: [],
    },
    {
      name: 'an end finds the run of its id',
      event: { ...good, runId: 'r1' },
      facts: facts([ofRid('a', 50, 'r1'), ofRid('b', 55, 'r2'), run('c', 56)]),
      want: ['close a ok -'],
    },
    {
      name: 'an end without an id leaves those that have one alone',
      event: good,
      facts: facts([ofRid('a', 50, 'r1')]),
      want: ['begin new', 'close new ok -'],
    },
    {
      name: 'an end with an id told twice is one',
      event: { ...good, runId: 'r1' },
      facts: facts([], 60, [{ ...ofRid('a', 50, 'r1'), outcome: 'ok' }]),
      want: [],
    },
    {
      name: 'a failure after a success of the same id is told',
      event: { ...bad, runId: 'r1' },
      facts: facts([], 60, [{ ...ofRid('a', 50, 'r1'), outcome: 'ok' }]),
      want: ['begin new of r1', 'close new failed ping.failed'],
    },
    {
      name: 'a run that nobody heard of for long is over when the next one is told of',
      event: { ...good, runId: 'r2' },
      facts: facts([ofRid('a', 0, 'r1'), ofRid('b', 990, 'r2')], 1000),
      want: ['close a timed-out ping.no-end', 'close b ok -'],
    },
    {
      name: 'a word goes to the run that is open, and changes nothing',
      event: { kind: 'log', text: 'half' },
      facts: facts([run('a', 0, { log: 'begun' })], 60, [run('z', -9)]),
      want: ['log a begun\nhalf'],
    },
    {
      name: 'a word after the end goes to the last run',
      event: { kind: 'log', text: 'rest' },
      facts: facts([], 60, [run('z', 50, { log: 'ended' }), run('y', 40)]),
      want: ['log z ended\nrest'],
    },
    {
      name: 'a word of an unknown run goes nowhere',
      event: { kind: 'log', text: 'x', runId: 'r9' },
      facts: facts([run('a', 0)]),
      want: [],
    },
  ]
  for (const { name, event, facts: known, want } of rows)
    it(name, () => expect(said(planPing(event, known))).toEqual(want))

  it('keeps what was said, and says the last line of it in the problem', () => {
    const [step] = planPing(bad, facts([run('a', 0, { log: 'begun' })]))
    expect(step).toMatchObject({
      end: {
        exitCode: 3,
        log: 'begun\nfirst\nno space',
        problem: { message: 'The program that runs laptop ended with exit status 3: no space.' },
      },
    })
  })

  it('leaves no more than sixteen runs open', () => {
    const open = Array.from({ length: 16 }, (_, at) => ofRid(`a${at}`, at, `r${at}`))
    expect(said(planPing({ ...start, runId: 'new' }, facts(open, 20)))[0]).toBe('close a0 timed-out ping.no-end')
  })
})
