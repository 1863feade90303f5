/** Topics over a transport: appending, reading, delays, dead letters. Not for users. */
@NullMarked
package dev.tributary.testkit.server.goqueue.internal.store;

import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import org.jspecify.annotations.NullMarked;
