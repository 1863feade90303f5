/** Topics over a transport: appending, reading, delays, dead letters. Not for users. */
@NullMarked
package dev.tributary.testkit.server.goqueue.store;

import org.jspecify.annotations.NullMarked;
