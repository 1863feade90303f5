/** What the API of JetStream says, as JSON and as headers. Not exported. */
@NullMarked
package dev.tributary.nats.wire;

import org.jspecify.annotations.NullMarked;
