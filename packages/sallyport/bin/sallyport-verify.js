#!/usr/bin/env node
// The command `sallyport-verify`: hands over to a runtime that is new enough for the verifier. It needs nothing but Node and this package.
import { launch } from './launcher.js';

launch({ program: new URL('./verify.js', import.meta.url) });
