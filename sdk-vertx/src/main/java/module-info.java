/** Tributary on Vert.x: the drivers, and the client for verticles. */
module dev.tributary.vertx {
  requires static transitive org.jspecify;
  requires transitive dev.tributary.api;
  requires transitive io.vertx.core;
  requires io.vertx.grpc.client;
  requires com.google.protobuf;

  exports dev.tributary.vertx;

  uses dev.tributary.spi.TransportProvider;
}
