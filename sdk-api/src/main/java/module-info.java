/** Tributary: the API, the SPI of its transports, and everything that is not I/O. */
@SuppressWarnings("module") // exports to modules that are compiled later
module dev.tributary.api {
  requires static transitive org.jspecify;
  requires static com.fasterxml.jackson.databind;
  requires static com.google.protobuf;
  requires static io.opentelemetry.api;
  requires static io.opentelemetry.context;
  requires static java.logging;
  requires static org.apache.avro;

  exports dev.tributary;
  exports dev.tributary.access;
  exports dev.tributary.admin;
  exports dev.tributary.cluster;
  exports dev.tributary.codec;
  exports dev.tributary.codec.avro;
  exports dev.tributary.codec.json;
  exports dev.tributary.codec.protobuf;
  exports dev.tributary.config;
  exports dev.tributary.error;
  exports dev.tributary.filter;
  exports dev.tributary.kv;
  exports dev.tributary.observe;
  exports dev.tributary.opentelemetry;
  exports dev.tributary.queue;
  exports dev.tributary.replay;
  exports dev.tributary.schema;
  exports dev.tributary.spi;
  exports dev.tributary.stream;
  exports dev.tributary.trace;

  // What drivers share whatever their network.
  exports dev.tributary.internal.driver to
      dev.tributary.nats,
      dev.tributary.testkit,
      dev.tributary.vertx;

  uses dev.tributary.spi.TransportProvider;
}
