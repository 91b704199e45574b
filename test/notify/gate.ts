/** A port that is shut in one of several ways, until it is opened: then it passes everything on to another one. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { freePort } from '../readers/servers.ts'

/** `hole`: not even the connection comes about. */
export const forms = ['refused', 'hole', 'silent', 'half'] as const
export type Form = (typeof forms)[number]

export interface Gate extends AsyncDisposable {
  readonly port: number
  open(): Promise<void>
}

/** @param half What is answered before nothing follows. */
export async function shutGate(form: Form, target: number, half: string): Promise<Gate> {
  const port = await freePort()
  let shut: AsyncDisposable | undefined
  if (form === 'hole') shut = await openHole(port)
  else if (form !== 'refused')
    shut = await listen(port, (socket) => {
      if (form === 'half') socket.write(half)
    })
  let opened: AsyncDisposable | undefined
  return {
    port,
    async open() {
      await shut?.[Symbol.asyncDispose]()
      shut = undefined
      opened = await listen(port, (socket) => {
        const there = connect({ port: target, host: '127.0.0.1' })
        socket.pipe(there).pipe(socket)
        there.on('error', () => socket.destroy())
        socket.on('close', () => there.destroy())
      })
    },
    async [Symbol.asyncDispose]() {
      await shut?.[Symbol.asyncDispose]()
      await opened?.[Symbol.asyncDispose]()
    },
  }
}

async function listen(port: number, take: (socket: Socket) => void): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    take(socket)
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const sleeper = `require('node:net').createServer().listen({ port: Number(process.argv[1]), host: '127.0.0.1', backlog: 1 }, () => console.log('up'))`

/** A process that is stopped takes no connection, and when its queue is full the system answers none. */
async function openHole(port: number): Promise<AsyncDisposable> {
  const child: ChildProcess = spawn(process.execPath, ['-e', sleeper, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (child.stdout === null) throw new Error('no output')
  await once(createInterface(child.stdout), 'line')
  child.kill('SIGSTOP')
  const fillers: Socket[] = []
  for (let isFull = false; !isFull; ) {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', () => {})
    fillers.push(socket)
    isFull = await Promise.race([
      once(socket, 'connect').then(() => false),
      new Promise<true>((resolve) => setTimeout(resolve, 150, true)),
    ])
  }
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of fillers) socket.destroy()
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}
