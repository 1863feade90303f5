/** Tributary on Vert.x: the drivers, and the client for verticles. */
@SuppressWarnings("module") // exports to a module that is compiled later
module dev.tributary.vertx {
  requires static transitive org.jspecify;
  requires transitive dev.tributary.api;
  requires transitive io.vertx.core;
  requires io.vertx.grpc.common;
  requires io.netty.buffer;
  requires io.netty.transport;
  requires com.fasterxml.jackson.databind;
  requires com.google.protobuf;

  exports dev.tributary.vertx;
  // Servers that speak these protocols are the drivers' mirror image: they share the messages.
  exports dev.tributary.vertx.internal.net to
      dev.tributary.testkit;
  exports dev.tributary.vertx.internal.net.grpc to
      dev.tributary.testkit;
  exports dev.tributary.vertx.internal.flowmesh.proto to
      dev.tributary.testkit;
  exports dev.tributary.vertx.internal.disheap.proto to
      dev.tributary.testkit;
  exports dev.tributary.vertx.internal.flymq.wire to
      dev.tributary.testkit;
  exports dev.tributary.vertx.internal.goqueue.wire to
      dev.tributary.testkit;
  exports dev.tributary.vertx.internal.health.proto to
      dev.tributary.testkit;

  // It makes the records that messages are.
  opens dev.tributary.vertx.internal.goqueue.shipped to
      com.fasterxml.jackson.databind;
  opens dev.tributary.vertx.internal.goqueue.wire to
      com.fasterxml.jackson.databind;

  uses dev.tributary.spi.TransportProvider;

  provides dev.tributary.spi.TransportProvider with
      dev.tributary.vertx.internal.disheap.DisheapProvider,
      dev.tributary.vertx.internal.flowmesh.FlowMeshProvider,
      dev.tributary.vertx.internal.flymq.FlyMqProvider,
      dev.tributary.vertx.internal.goqueue.GoQueueProvider;
}
