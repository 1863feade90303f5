/** Deliveries to a group under leases. Not for users. */
@NullMarked
package dev.tributary.testkit.server.goqueue.internal.delivery;

import dev.tributary.testkit.server.goqueue.internal.delivery.Deliveries;
import org.jspecify.annotations.NullMarked;
