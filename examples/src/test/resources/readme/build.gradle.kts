plugins {
  kotlin("jvm") version "2.4.21"
  application
}

repositories {
  mavenLocal()
  mavenCentral()
}

dependencies {
  implementation(platform("dev.tributary:tributary-bom:0.1.0-SNAPSHOT"))
  implementation("dev.tributary:tributary-kotlin")
  implementation("dev.tributary:tributary-vertx")
  implementation("com.fasterxml.jackson.module:jackson-module-kotlin:2.22.4") // for your data classes as JSON
  testImplementation("dev.tributary:tributary-testkit")
}

application {
  mainClass = "WelcomeServiceKt"
}
