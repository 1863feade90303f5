/**
 * The Disheap protocol, from the server's side.
 *
 * <p>Every rpc but the streaming ones is a method that takes its message and a deadline, and gives a future of the answer: {@code HeapRpcs},
 * {@code StatsRpcs}, {@code EnqueueRpcs} and {@code LeaseRpcs}. It may be called from any thread, throws or fails with a {@code Rejection}
 * or with an error of the transport, which {@code Errors.rejection} turns into one, and knows neither gRPC nor credentials: any front, one
 * for HTTP too, calls the same methods. {@code PopRpc} serves the one conversation, and {@code DisheapService} says what is served where.
 */
@NullMarked
package dev.tributary.testkit.server.disheap;

import dev.tributary.testkit.server.internal.grpc.Rejection;
import org.jspecify.annotations.NullMarked;
