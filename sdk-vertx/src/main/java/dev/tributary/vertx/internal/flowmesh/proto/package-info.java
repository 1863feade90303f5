/** The messages of the FlowMesh wire, generated, and the table of its rpcs. */
package dev.tributary.vertx.internal.flowmesh.proto;
