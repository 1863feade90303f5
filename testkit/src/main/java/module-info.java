/** Tributary's testkit: fakes, virtual time, embedded servers and faults. */
module dev.tributary.testkit {
  requires static transitive org.jspecify;
  requires static transitive org.junit.jupiter.api;
  requires transitive dev.tributary.api;
  requires transitive dev.tributary.engine;
  requires transitive io.vertx.core;
  requires dev.tributary.vertx;
  requires io.vertx.grpc.common;
  requires io.vertx.grpc.server;
  requires io.netty.buffer;
  requires io.netty.codec.http;
  requires io.netty.codec.http2;
  requires io.netty.common;
  requires io.netty.transport;
  requires com.google.protobuf;

  exports dev.tributary.testkit;
  exports dev.tributary.testkit.api;
  exports dev.tributary.testkit.fault;
  exports dev.tributary.testkit.server;

  uses dev.tributary.testkit.server.Protocol;

  provides dev.tributary.testkit.server.Protocol with
      dev.tributary.testkit.server.disheap.DisheapProtocol,
      dev.tributary.testkit.server.flowmesh.FlowMeshProtocol,
      dev.tributary.testkit.server.flymq.FlyMqProtocol,
      dev.tributary.testkit.server.goqueue.GoQueueProtocol;
}
