import { expect, it } from 'vitest'
import { childEnvironment } from './environment.ts'

it('hands over what is on the list and what is named, and nothing else', () => {
  const ours = {
    PATH: '/bin',
    LC_ALL: 'C',
    https_proxy: 'p',
    AWS_SECRET_ACCESS_KEY: 'x',
    LD_PRELOAD: 'y',
    NODE_OPTIONS: 'z',
  }
  expect(childEnvironment({ EXTRA: '1', PATH: '/own' }, ours)).toEqual({
    PATH: '/own',
    LC_ALL: 'C',
    https_proxy: 'p',
    EXTRA: '1',
  })
})
