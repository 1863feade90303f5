/** Tributary on NATS JetStream. */
module dev.tributary.nats {
  requires static transitive org.jspecify;
  requires dev.tributary.api;
  requires io.nats.jnats;
  requires com.fasterxml.jackson.databind;

  // It makes the records that requests and answers are.
  opens dev.tributary.nats.wire to
      com.fasterxml.jackson.databind;

  // The library makes the socket of a connection by its name.
  exports dev.tributary.nats.client to
      io.nats.jnats;

  provides dev.tributary.spi.TransportProvider with
      dev.tributary.nats.NatsProvider;
}
