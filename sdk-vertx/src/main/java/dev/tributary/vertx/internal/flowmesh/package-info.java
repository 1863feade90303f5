/** FlowMesh: streams, queues and key-value stores over gRPC. */
@NullMarked
package dev.tributary.vertx.internal.flowmesh;

import org.jspecify.annotations.NullMarked;
