// A WebSocket origin made with the node `ws` package: node ws-origin.js [ADDRESS]
//
// It listens on a free port, prints "ready PORT", and ends when its standard input does. What it does is chosen by the
// path, the same in python_origin.py, so that every client can meet every origin:
//
//   /echo               echoes messages as they came, text or binary; takes the subprotocol chat.v2 if it is offered
//   /early              sends "early" at once, in the segment of the 101 if the kernel likes, then echoes
//   /server-close/CODE  after the first message closes with CODE and the reason "origin says bye"
//   /server-ping        pings with "are you there" and answers the pong with the text "pong are you there"
//   /server-fragments   sends one text message in three frames: "one ", "two ", "three"
//   /terminate          after the first message drops the connection without a close frame
//   /headers            sends the request's headers as JSON, then echoes
//   /refuse/CODE        answers CODE with the body "refused CODE\n", framed by Content-Length (401 and the rest),
//                       in chunks (403), or by the end of the connection (404)
'use strict';

const http = require('node:http');
const { WebSocketServer } = require('ws');

const REFUSAL = /^\/refuse\/(\d{3})$/;

const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: { threshold: 0 },
    handleProtocols: (offered) => (offered.has('chat.v2') ? 'chat.v2' : false),
    maxPayload: 16 * 1024 * 1024,
});

function refuse(socket, status) {
    const body = `refused ${status}\n`;
    const head = `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nContent-Type: text/plain\r\n`;
    if (status === 403) {
        // In two chunks, and a trailing one.
        const half = body.slice(0, 4);
        const rest = body.slice(4);
        const chunk = (text) => `${text.length.toString(16)}\r\n${text}\r\n`;
        socket.end(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk(half)}${chunk(rest)}0\r\n\r\n`);
    } else if (status === 404) {
        socket.end(`${head}Connection: close\r\n\r\n${body}`);
    } else {
        socket.end(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    }
}

function serve(ws, path, headers) {
    ws.on('error', () => ws.terminate());
    const echo = () => ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
    const [, scene, argument] = path.split('/');
    switch (scene) {
        case 'early':
            ws.send('early');
            echo();
            break;
        case 'server-close':
            ws.once('message', () => ws.close(Number(argument), 'origin says bye'));
            break;
        case 'server-ping':
            ws.on('pong', (data) => ws.send(`pong ${data}`));
            ws.ping('are you there');
            break;
        case 'server-fragments':
            ws.send('one ', { fin: false });
            ws.send('two ', { fin: false });
            ws.send('three', { fin: true });
            break;
        case 'terminate':
            ws.once('message', () => ws.terminate());
            break;
        case 'headers':
            ws.send(JSON.stringify(headers));
            echo();
            break;
        default:
            echo();
    }
}

const server = http.createServer((request, response) => {
    response.writeHead(426, { 'Content-Type': 'text/plain' });
    response.end('this origin speaks WebSocket only\n');
});

server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const path = request.url.split('?')[0];
    const refusal = REFUSAL.exec(path);
    if (refusal) {
        refuse(socket, Number(refusal[1]));
        return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => serve(ws, path, request.headers));
});

server.listen(0, process.argv[2] || '127.0.0.1', () => console.log(`ready ${server.address().port}`));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
