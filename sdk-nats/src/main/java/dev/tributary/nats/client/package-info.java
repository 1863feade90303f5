/** The connection: requests with deadlines, pulls, and what a broken connection ends. Not exported. */
@NullMarked
package dev.tributary.nats.client;

import org.jspecify.annotations.NullMarked;
