/** Deliveries to a group under leases. Not for users. */
@NullMarked
package dev.tributary.testkit.server.goqueue.delivery;

import org.jspecify.annotations.NullMarked;
