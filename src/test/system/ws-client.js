// A WebSocket client made with the node `ws` package: node ws-client.js ws://HOST:PORT [SCENE ...]
//
// It plays its scenes against an origin that serves the paths of ws-origin.js, all or the named ones, and prints a line
// for each: "SCENE: ok" or "SCENE: FAIL why". The exit code is 0 if all went well.
'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { once } = require('node:events');
const WebSocket = require('ws');

const base = process.argv[2];
const LIMIT_MS = 30000;

async function open(path, protocols = [], options = {}) {
    const ws = new WebSocket(base + path, protocols, { perMessageDeflate: false, ...options });
    // Listen before the upgrade is done: an early message comes together with the 101.
    ws.inbox = [];
    ws.waiting = [];
    ws.on('message', (data, isBinary) => {
        const message = { data, isBinary };
        const taker = ws.waiting.shift();
        if (taker) taker(message); else ws.inbox.push(message);
    });
    ws.ended = new Promise((resolve) => ws.on('close', (code, reason) => resolve({ code, reason: String(reason) })));
    await once(ws, 'open');
    ws.on('error', () => {}); // told by 'close', too
    return ws;
}

function receive(ws) {
    return ws.inbox.length > 0
        ? Promise.resolve(ws.inbox.shift())
        : Promise.race([
            new Promise((resolve) => ws.waiting.push(resolve)),
            ws.ended.then((end) => { throw new Error(`closed with ${end.code} before the message`); }),
        ]);
}

async function echoes(ws, message) {
    ws.send(message);
    const { data, isBinary } = await receive(ws);
    assert.equal(isBinary, typeof message !== 'string', 'text or binary');
    assert.ok(Buffer.from(message).equals(data), `an echo of ${Buffer.byteLength(message)} bytes`);
}

async function leave(ws, code = 1000, reason = '') {
    ws.close(code, reason);
    const end = await ws.ended;
    assert.equal(end.code, code);
}

const scenes = {
    async text() {
        const ws = await open('/echo');
        assert.equal(ws.protocol, '');
        assert.equal(ws.extensions, '');
        for (const message of ['hello', '', 'gr\u00fc\u00dfe \u20ac \u{1f6a2}']) await echoes(ws, message);
        await leave(ws);
    },
    async binary() {
        const ws = await open('/echo');
        // Both sides of every change of the frame's length field (RFC 6455 section 5.2).
        for (const size of [1, 125, 126, 127, 65535, 65536, 70001]) await echoes(ws, crypto.randomBytes(size));
        await leave(ws);
    },
    async fragmented() {
        const ws = await open('/echo');
        ws.send('a', { fin: false });
        ws.send('b'.repeat(200), { fin: false });
        ws.ping('between the fragments');
        ws.send('', { fin: false });
        ws.send('c'.repeat(70000), { fin: true });
        const { data } = await receive(ws);
        assert.equal(String(data), 'a' + 'b'.repeat(200) + 'c'.repeat(70000));
        await leave(ws);
    },
    async big() {
        const ws = await open('/echo');
        await echoes(ws, crypto.randomBytes(1 << 20));
        await echoes(ws, crypto.randomBytes(1 << 19).toString('hex'));
        await leave(ws);
    },
    async pipelined() {
        const ws = await open('/echo');
        for (let i = 0; i < 2000; i++) ws.send(`message ${i}`);
        for (let i = 0; i < 2000; i++) assert.equal(String((await receive(ws)).data), `message ${i}`);
        await leave(ws);
    },
    async ping() {
        const ws = await open('/echo');
        const pong = once(ws, 'pong');
        ws.ping('anybody there');
        assert.equal(String((await pong)[0]), 'anybody there');
        await leave(ws);
    },
    async 'server-ping'() {
        const ws = await open('/server-ping');
        assert.equal(String((await receive(ws)).data), 'pong are you there');
        await leave(ws);
    },
    async 'server-fragments'() {
        const ws = await open('/server-fragments');
        assert.equal(String((await receive(ws)).data), 'one two three');
        await leave(ws);
    },
    async early() {
        const ws = await open('/early');
        assert.equal(String((await receive(ws)).data), 'early');
        await echoes(ws, 'and on');
        await leave(ws);
    },
    async 'client-close'() {
        for (const [code, reason] of [[1000, ''], [1001, 'going'], [4321, 'r'.repeat(123)]]) {
            await leave(await open('/echo'), code, reason);
        }
    },
    async 'server-close'() {
        for (const code of [1000, 1001, 1011, 4001]) {
            const ws = await open(`/server-close/${code}`);
            ws.send('go');
            assert.deepEqual(await ws.ended, { code, reason: 'origin says bye' });
        }
    },
    async terminate() {
        const ws = await open('/terminate');
        ws.send('go');
        assert.equal((await ws.ended).code, 1006);
    },
    async subprotocol() {
        const ws = await open('/echo', ['chat.v1', 'chat.v2']);
        assert.equal(ws.protocol, 'chat.v2');
        await echoes(ws, 'over chat.v2');
        await leave(ws);
    },
    async deflate() {
        const ws = await open('/echo', [], { perMessageDeflate: { threshold: 0 } });
        assert.match(ws.extensions, /permessage-deflate/);
        await echoes(ws, 'short');
        await echoes(ws, 'compress me '.repeat(90000));
        await echoes(ws, crypto.randomBytes(100000));
        await leave(ws);
    },
    async refused() {
        for (const status of [401, 403, 404, 503]) {
            const ws = new WebSocket(`${base}/refuse/${status}`);
            const [, response] = await once(ws, 'unexpected-response');
            let body = '';
            for await (const part of response) body += part;
            assert.equal(response.statusCode, status);
            assert.match(body, new RegExp(`refused ${status}`));
            ws.on('error', () => {});
            ws.terminate();
        }
    },
};

function limited(promise) {
    let timer;
    const limit = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no end within ${LIMIT_MS} ms`)), LIMIT_MS);
    });
    return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

(async () => {
    const names = process.argv.length > 3 ? process.argv.slice(3) : Object.keys(scenes);
    let failures = 0;
    for (const name of names) {
        try {
            await limited(scenes[name]());
            console.log(`${name}: ok`);
        } catch (fault) {
            failures++;
            console.log(`${name}: FAIL ${String(fault && fault.message).split('\n').join(' ')}`);
        }
    }
    process.exit(failures === 0 ? 0 : 1);
})();
