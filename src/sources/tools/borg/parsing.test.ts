/** What borg says, and any text. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { localFolder } from './address.ts'
import { parseDetails, parseListing, parseSize, sourcesIn } from './archives.ts'
import { BackupReport, parseWarning } from './backup-report.ts'
import { classify, failureText, headline } from './classify.ts'
import { shellWords } from './command-text.ts'
import { readComment, writeComment } from './comment.ts'
import { refusedArguments } from './extra-args.ts'
import { parseJudgement } from './forget.ts'
import { holderOf, parseRoster } from './locks.ts'
import { parseDocument, parseMessage } from './messages.ts'
import { problem, problemTable } from './problems.ts'
import { sshTarget } from './ssh-cause.ts'

const error = (message: string, msgid?: string, levelname = 'ERROR'): string =>
  JSON.stringify({ type: 'log_message', time: 1, message, levelname, name: 'borg.archiver', ...(msgid && { msgid }) })
const exited = (exitCode: number) => ({ ended: 'exited', exitCode }) as const

describe('causes', () => {
  const rows: readonly (readonly [string, number, string])[] = [
    [error('x', 'PassphraseWrong'), 52, 'borg.password'],
    [error('x', 'LockTimeout'), 2, 'borg.locked'],
    [
      error('Remote: Permission denied (publickey).', undefined, 'WARNING') +
        `\n${error('x', 'ConnectionClosedWithHint')}`,
      2,
      'borg.denied',
    ],
    [
      error('Remote: ssh: connect to host h port 1: Connection refused', undefined, 'WARNING') +
        `\n${error('x', 'ConnectionClosed')}`,
      2,
      'borg.network',
    ],
    [
      `${error('Remote: sh: 1: borg: not found', undefined, 'WARNING')}\n${error('x', 'ConnectionClosedWithHint')}`,
      2,
      'borg.no-remote-borg',
    ],
    [
      `${error('Remote: This service allows sftp connections only.', undefined, 'WARNING')}\n${error('x', 'UnexpectedRPCDataFormatFromServer')}`,
      2,
      'borg.no-remote-borg',
    ],
    [error('x', 'UnexpectedRPCDataFormatFromServer'), 2, 'borg.protocol'],
    [error('Connection to remote host is broken. Broken Pipe'), 2, 'borg.network'],
    [
      error('Local Exception\nborg.remote.ConnectionClosed\nBrokenPipeError: [Errno 32] Broken pipe'),
      2,
      'borg.network',
    ],
    [error('Local Exception\nOSError: [Errno 28] No space left on device'), 2, 'borg.store-full'],
    [error('PermissionError: [Errno 13] Permission denied'), 2, 'borg.denied'],
    [error('nope: [Errno 2] No such file', undefined, 'WARNING'), 1, 'borg.warned'],
    [error('x: stat', 'BackupFileNotFoundError', 'WARNING'), 107, 'borg.warned'],
    [error('Keyboard interrupt'), 2, 'borg.interrupted'],
    ['', 130, 'borg.interrupted'],
    ['usage: borg [-V]\nborg: error: argument', 2, 'borg.failed'],
    ['', 77, 'borg.failed'],
  ]
  for (const [stderr, exitCode, want] of rows)
    it(`${want} with exit code ${exitCode}`, () => expect(classify(exited(exitCode), stderr)).toBe(want))

  it('of what never ran, and of what we ended', () => {
    expect(classify({ ended: 'spawn-failed', cause: 'ENOENT' }, '')).toBe('borg.not-found')
    expect(classify({ ended: 'spawn-failed', cause: 'EACCES' }, '')).toBe('borg.not-executable')
    for (const [ended, code] of [
      ['cancelled', 'interrupted'],
      ['timed-out', 'timed-out'],
      ['stalled', 'stalled'],
      ['killed', 'killed'],
    ] as const)
      expect(classify({ ended }, error('x', 'LockTimeout'))).toBe(`borg.${code}`)
  })

  it('have each a next step', () => {
    for (const code of Object.keys(problemTable) as (keyof typeof problemTable)[])
      expect(problem(code, {}).next, code).not.toBe('')
  })
})

describe('what is shown', () => {
  it('is the text of messages, without progress', () => {
    const stderr = [
      error('one', 'A'),
      '{"type":"archive_progress","nfiles":1}',
      'plain',
      error('i', undefined, 'INFO'),
    ].join('\n')
    expect(failureText(stderr)).toBe('one\nplain')
    expect(
      headline(
        "Quota exceeded\nBorg server: Platform: Linux box\nBorg server: PID: 1  CWD: /\nBorg server: sys.argv: ['borg', 'serve']\nException ignored in: <function RemoteRepository.__del__ at 0x7f>\nAssertionError: cleanup happened in Repository.__del__",
      ),
    ).toBe('Quota exceeded')
    expect(headline('Local Exception\nTraceback (most recent call last):\n  File "x"\nOSError: gone')).toBe(
      'Local Exception\nOSError: gone',
    )
  })
})

describe('a comment', () => {
  it('gives back host and tags, and brings borg no placeholder', () => {
    fc.assert(
      fc.property(fc.option(fc.string({ minLength: 1 }), { nil: undefined }), fc.array(fc.string()), (host, tags) => {
        const written = writeComment({ host, tags })
        expect(written.replaceAll('{{', '').replaceAll('}}', '')).not.toMatch(/[{}]/)
        const stored = written.replaceAll('{{', '{').replaceAll('}}', '}')
        expect(readComment(stored)).toEqual({ tags, ...(host !== undefined && { host }) })
      }),
    )
  })
  it('of somebody else says nothing', () => {
    for (const text of ['', 'nightly', 'muster {', 'muster [1]', 'muster {"tags":1}'])
      expect(readComment(text)).toEqual({ tags: [] })
  })
})

describe('warnings of a backup', () => {
  const rows: readonly (readonly [string, unknown])[] = [
    ["nope: [Errno 2] No such file or directory: 'nope'", { path: 'nope', reason: 'no such file or directory' }],
    ["/a: b: open: [Errno 13] Permission denied: 'b'", { path: '/a: b', reason: 'permission denied' }],
    ['/proc/self/mem: read: [Errno 5] Input/output error', { path: '/proc/self/mem', reason: 'input/output error' }],
    ['/x: file changed while we backed it up', { path: '/x', reason: 'it changed while it was read' }],
    ['Killed stale lock vm@1.2-0.', undefined],
  ]
  for (const [text, want] of rows) it(text, () => expect(parseWarning(text)).toEqual(want))

  it('and the status of one file count once', () => {
    const report = new BackupReport()
    report.errorLine(error("/x: open: [Errno 13] Permission denied: '/x'", undefined, 'WARNING'))
    report.errorLine('{"type":"file_status","status":"E","path":"/x"}')
    report.errorLine('{"type":"file_status","status":"A","path":"/y"}')
    expect([report.skippedCount, report.filesNew, report.skipped]).toEqual([
      1,
      1,
      [{ path: '/x', reason: 'permission denied' }],
    ])
  })
})

describe('the sources in a command', () => {
  const rows: readonly (readonly [readonly string[], string | undefined, readonly string[]])[] = [
    [['borg', 'create', '--', '::n', '/a', '-b'], '/c', ['/a', '/c/-b']],
    [['borg', 'create', 'ssh://h/r::n', '/a'], undefined, ['/a']],
    [['borg', 'create', '/r::n', 'a'], '/home', ['/home/a']],
    [['borg', 'create', '/r::n', 'a'], undefined, []],
    [['borg', 'create', '/r::n', '/a', '--exclude', '/a/b'], undefined, []],
    [['borg', 'import-tar'], undefined, []],
  ]
  for (const [command, cwd, want] of rows) it(command.join(' '), () => expect(sourcesIn(command, cwd)).toEqual(want))
})

describe('addresses', () => {
  it('of this machine and of others', () => {
    expect(
      ['/r', 'file:///r', './a:b', 'ssh://h/r', 'h:r', 'u@h:/r'].map((url) => localFolder(url) !== undefined),
    ).toEqual([true, true, true, false, false, false])
    expect(sshTarget('ssh://u@h:23/./r')).toEqual({ host: 'u@h', port: '23' })
    expect(sshTarget('ssh://u@[::1]:23/r')).toEqual({ host: 'u@::1', port: '23' })
    expect(sshTarget('u@h:r')).toEqual({ host: 'u@h' })
    expect(sshTarget('ssh://-oProxyCommand=x/r')).toBeUndefined()
    expect(sshTarget('/r')).toBeUndefined()
  })
  it('of ssh are quoted for shlex', () => {
    expect(shellWords(['ssh', '-o', 'A=b c', "it's"])).toBe(`ssh -o 'A=b c' 'it'"'"'s'`)
  })
})

describe('lines of a prune', () => {
  const id = 'a'.repeat(64)
  it('say what is kept and what goes', () => {
    const time = 'Wed, 2026-11-25 09:42:59'
    expect(parseJudgement(`Keeping archive (rule: daily #1):   n  ${time} [${id}]`)).toEqual({ keep: true, id })
    expect(parseJudgement(`Pruning archive (1/2):   n [x]  ${time} [${id}]`)).toEqual({ keep: false, id })
    expect(parseJudgement(`Would prune:   n  ${time} [${id}]`)).toEqual({ keep: false, id })
    expect(parseJudgement(`Pruning archive (1/2):   n.checkpoint  ${time} [${id}]`)).toBeUndefined()
    expect(parseJudgement(`Keeping checkpoint archive:   n.checkpoint.1  ${time} [${id}]`)).toBeUndefined()
  })
})

describe('locks', () => {
  it('are read from their names and from the roster', () => {
    expect(holderOf('web.example.com@12.345-0')).toEqual({ host: 'web.example.com', user: '', pid: 345 })
    expect(parseRoster('{"exclusive": [], "shared": [["h@1", 7, 0]]}')).toMatchObject([{ host: 'h', pid: 7 }])
    expect(holderOf('junk')).toBeUndefined()
  })
})

describe('further arguments', () => {
  it('are let through from a list alone', () => {
    expect(refusedArguments(['--noatime', '--files-cache=mtime,size'])).toEqual([])
    for (const argument of [
      '--noatime=1',
      '--files-cache',
      '--files-c=x',
      '--',
      '-x',
      'x',
      '--json',
      '--__proto__',
      '--a\0',
    ])
      expect(refusedArguments([argument])[0]?.argument, argument).toBe(JSON.stringify(argument))
  })
})

describe('any text', () => {
  it('is answered with a value', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        parseMessage(text)
        parseDocument(text.split('\n'))
        parseRoster(text)
        holderOf(text)
        parseWarning(text)
        parseJudgement(text)
        readComment(`muster ${text}`)
        failureText(text)
        for (const value of [text, parseDocument([text])]) {
          parseListing(value)
          parseDetails(value)
          parseSize(value)
        }
      }),
    )
  })
})
