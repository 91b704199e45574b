import { expect, it } from 'vitest'
import { renderPings, shownPing } from './pings.ts'

it('prints lines that try again where nobody listens, and put the key into no argument', () => {
  const text = renderPings([shownPing('nas', { file: '/etc/muster/nas.key' }, 'http://127.0.0.1:9121/')])
  expect(text).toContain('KEY=$(cat /etc/muster/nas.key)\n')
  expect(text).toContain(
    `printf 'url = "http://127.0.0.1:9121/ping/%s%s"\\n' "$KEY" "$1" | curl -fsS -m 10 --retry 7 --retry-connrefused -o /dev/null -K -; }`,
  )
})
