/** The messages of the standard gRPC health service, generated, and the table of its rpcs. */
package dev.tributary.vertx.internal.health.proto;
