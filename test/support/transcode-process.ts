/** Prints what this process makes of the demo's messages, and whether it may make code from text. */
import { codegenAllowed } from '../../src/codecs/proto-json/codegen.ts';
import { transcodeDemo } from './demo-transcoding.ts';

const transcoded = await transcodeDemo('auto');
console.log(JSON.stringify({ codegen: codegenAllowed(), transcoded }));
