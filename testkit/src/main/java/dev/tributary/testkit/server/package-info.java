/** Servers for tests: each speaks the protocol of a backend on real sockets and serves it from any transport. */
@NullMarked
package dev.tributary.testkit.server;

import org.jspecify.annotations.NullMarked;
