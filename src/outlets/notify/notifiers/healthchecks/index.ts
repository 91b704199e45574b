/** Healthchecks, and what speaks as it does: each run that begins, succeeds or fails. Source: healthchecks.io/docs/http_api. */
import { createHash } from 'node:crypto'
import type { RunNews } from '../../../../model/delivery.ts'
import { Secret } from '../../../../model/secret.ts'
import type { Notifier, Sent } from '../../notifier.ts'
import { post } from '../../post.ts'
import { pagesOf } from '../../words.ts'

interface Settings {
  readonly url: Secret
  readonly ca?: string
}

/** The server keeps so much, and throws the end away, where the log is. */
const mostBytes = 90_000

export const notifier: Notifier<Settings> = {
  kind: 'healthchecks',
  async send({ url, ca }, { message }, io): Promise<Sent> {
    const { run } = message
    if ((run?.ofJobs ?? 1) > 1 && !url.reveal().includes(place)) return ambiguous
    // `muster notify test`: a check that is told of no run stays as it is.
    const signal = run === undefined ? '/log' : signalOf(run)
    const [text = ''] = pagesOf(message, mostBytes)
    return post(
      {
        url: new Secret(`${checkOf(url, run?.job ?? 'test')}${signal}${queryOf(url, run)}`),
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: text,
        ca,
        // It answers 200 to addresses that it does not know.
        refusal: (body) => (/\bnot found\b/i.test(body) ? 'it knows no such check' : undefined),
      },
      io,
    )
  },
}

const good = ['ok', 'warning']
/** One that was not started is no failure of its own: the schedule of the check tells when it is missed. */
const untold = ['skipped']

const signalOf = ({ event, outcome = 'failed' }: RunNews): string =>
  event === 'began' ? '/start' : good.includes(outcome) ? '' : untold.includes(outcome) ? '/log' : '/fail'

const place = '{job}'

/** A job that is well would turn the check green that another one just turned red. */
const ambiguous: Sent = {
  ok: false,
  trouble: 'never',
  problem: {
    code: 'notify.one-check',
    message: 'Its url is the address of one check, and it tells of several jobs.',
    next: 'Name one job under `of`, or put {job} into the address: https://hc-ping.com/KEY/backup-{job}.',
    retry: 'never',
  },
}

const checkOf = (url: Secret, job: string): string =>
  url
    .reveal()
    .replace(/\/+$/, '')
    .replaceAll(place, job.toLowerCase().replaceAll(/[^a-z0-9_-]+/g, '-'))

/** Runs are told apart by a UUID, so that a beginning finds its end; checks of a project are made as they come. */
function queryOf(url: Secret, run: RunNews | undefined): string {
  const query = new URLSearchParams({
    ...(url.reveal().includes(place) && { create: '1' }),
    ...(run && { rid: uuidOf(run.id) }),
  })
  return query.size === 0 ? '' : `?${query}`
}

const uuidOf = (id: string): string => {
  const hex = createHash('sha256').update(id).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
