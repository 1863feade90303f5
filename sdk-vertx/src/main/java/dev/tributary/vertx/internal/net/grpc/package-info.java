/** gRPC calls and streams over one HTTP/2 connection a lane. Not exported. */
@NullMarked
package dev.tributary.vertx.internal.net.grpc;

import org.jspecify.annotations.NullMarked;
