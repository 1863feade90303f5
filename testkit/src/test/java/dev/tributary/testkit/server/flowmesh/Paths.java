package dev.tributary.testkit.server.flowmesh;

import dev.tributary.vertx.internal.flowmesh.proto.ResourcePath;

/** Resources as the wire names them. */
final class Paths {
  private Paths() {}

  static ResourcePath path(String type, String name) {
    return ResourcePath.newBuilder().setTenant("t").setNamespace("n").setResourceType(type).setName(name).build();
  }
}
