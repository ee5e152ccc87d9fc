// A service on the newest base: built, verified, and only then tagged. A service's Jenkinsfile, with this repository
// as the shared library `python-base`:
//
//     @Library('python-base') _
//     tracedService(image: 'registry.acme.com/team/shop')
//
// The agent needs Docker. Values reach the steps as variables: Groovy puts nothing into a command.
def call(Map options) {
    node(options.get('agent', 'docker')) {
        timeout(time: 30, unit: 'MINUTES') {
            dir('service') { checkout scm }
            dir('tooling') {
                git url: options.get('tooling', 'https://git.acme.com/python-base.git'), branch: options.get('toolingRef', 'v1'), changelog: false, poll: false
            }
            withEnv([
                "IMAGE=${options.image}",
                "TAG=${options.get('tag', 'latest')}",
                "SOURCE=${options.get('source', '.')}",
                "PROBE=${options.get('path', '/')}",
                "REGISTRY=${options.get('registry', '')}",
            ]) {
                sh 'make -C tooling engine'
                withCredentials([usernamePassword(credentialsId: options.get('credentials', 'registry'), usernameVariable: 'REGISTRY_USER', passwordVariable: 'REGISTRY_PASSWORD')]) {
                    sh 'tooling/ci/login.sh'
                }
                sh 'tooling/ci/buildkit rebuild "service/$SOURCE" --image "$IMAGE:$TAG" > image'
                sh 'tooling/ci/buildkit verify --attest --path "$PROBE" "$(cat image)"'
                if (options.get('promote', true)) {
                    sh 'tooling/ci/buildkit promote "$(cat image)" --tag "$TAG"'
                }
            }
        }
    }
}
