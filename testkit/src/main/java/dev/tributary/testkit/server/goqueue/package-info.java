/** GoQueue's protocol over any transport: HTTP and JSON, on one port. */
@NullMarked
package dev.tributary.testkit.server.goqueue;

import org.jspecify.annotations.NullMarked;
