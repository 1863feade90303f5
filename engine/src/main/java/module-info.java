/** Tributary's engine: streams, queues and stores in memory, behind the SPI; what {@code memory:} is. */
@SuppressWarnings("module") // exports to a module that is compiled later
module dev.tributary.engine {
  requires static transitive org.jspecify;
  requires transitive dev.tributary.api;
  requires com.fasterxml.jackson.databind;
  requires static com.networknt.schema;

  exports dev.tributary.engine;
  // Servers whose transport knows no users keep them as the engine does.
  exports dev.tributary.engine.access to
      dev.tributary.testkit;

  provides dev.tributary.spi.TransportProvider with
      dev.tributary.engine.MemoryTransportProvider;
}
