/** What the servers of protocols on gRPC share: how calls are taken and ended. */
@NullMarked
package dev.tributary.testkit.server.internal.grpc;

import org.jspecify.annotations.NullMarked;
